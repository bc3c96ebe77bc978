"""Why a photo or a recording is refused, in the words that the sender reads."""

from __future__ import annotations

from app.core.errors import Invalid, NotFound, Refusal


class NotAnImage(Refusal):
    """The content is not one of the accepted picture formats, whatever its name or declared type says."""

    code = "not_an_image"
    status = 415
    message = "这个文件不是照片,请换一张 JPG 或 PNG"


class PhotoBroken(NotAnImage):
    """It begins like a photo but cannot be read to the end: cut off on the way, or damaged."""

    code = "photo_broken"
    message = "这张照片不完整或已损坏,请重新拍一张再发"


class PhotoTooLarge(Refusal):
    """More bytes than `processing.MAX_PHOTO_BYTES`."""

    code = "photo_too_large"
    status = 413
    message = "照片太大(超过 10MB),请压缩后再发"


class TooManyPixels(PhotoTooLarge):
    """Few bytes that unfold into more work than a photo may cause (domain 5.3 A26: decompression bombs)."""

    code = "too_many_pixels"
    message = "照片的像素太高,请用手机的普通拍照模式重拍一张"


class NotARecording(Refusal):
    """The content is not the one accepted form of a recording, whatever its name or declared type says."""

    code = "not_a_recording"
    status = 415
    message = "这个文件不是录音,请按住“说话”重新录一段"


class RecordingBroken(NotARecording):
    """It begins like a recording but holds less than its header says: cut off on the way, or damaged."""

    code = "recording_broken"
    message = "这段录音不完整,请重新录一遍再发"


class RecordingOfAnotherKind(NotARecording):
    """A WAV file, but not 16 bits, one channel, 8 to 16 kHz."""

    code = "recording_of_another_kind"
    message = "这种录音格式放不出来,请按住“说话”重新录一段"


class RecordingTooLarge(Refusal):
    """More bytes than `recording.MAX_VOICE_BYTES`."""

    code = "recording_too_large"
    status = 413
    message = "录音太大(超过2MB),请在60秒以内说完,重新录一段"


class RecordingTooLong(Invalid):
    """Longer than `recording.LONGEST_MS`."""

    code = "recording_too_long"
    message = "录音最长60秒,请说得短一点,重新录一段"

    def __init__(self) -> None:
        super().__init__(fields={"voice": "最长60秒"})


class RecordingTooShort(Invalid):
    """Shorter than `recording.SHORTEST_MS`: the finger slipped."""

    code = "recording_too_short"
    message = "录音太短,没有录上。请按住不放,说完再松开"

    def __init__(self) -> None:
        super().__init__(fields={"voice": "至少0.5秒"})


class VoiceMissing(NotFound):
    """The recording behind a link is not there, was found risky, or the link is not ours or has ended."""

    code = "voice_missing"
    message = "这段录音放不了了,请重新打开工单再试"
