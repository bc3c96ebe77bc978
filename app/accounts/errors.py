"""What accounts, signing in and bindings refuse, in the words that people read."""

from __future__ import annotations

from app.accounts.models import MAX_HOMES
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, WrongState


class SignInRefused(NotSignedIn):
    """Wrong name, wrong password, wrong code or locked: never told apart, so that nobody can probe for accounts."""

    code = "sign_in_refused"
    message = "登录名或密码不对"


class InitialPasswordExpired(NotSignedIn):
    """The first password was right but lay unused for too long (ASVS 6.4.1)."""

    code = "initial_password_expired"
    message = "初始密码已超过24小时失效,请联系管理员重新发放"


class NoHat(Forbidden):
    """The person is known but wears no hat any more."""

    code = "no_hat"
    message = "这个账号目前没有可用的身份,请联系管理员"


class ConsoleOnly(Forbidden):
    """Right password, but none of the person's hats is for a phone's browser."""

    code = "console_only"
    message = "这个账号请在电脑上的工作台登录"


class PasswordChangeNeeded(Forbidden):
    """A first password is replaced at the console before anything else."""

    code = "password_change_needed"
    message = "请先在电脑上的工作台登录并修改初始密码,再用手机登录"


class CodeNeeded(Forbidden):
    """The password was right; the person has switched on a second factor."""

    code = "code_needed"
    message = "请再输入手机上的6位动态验证码"


class SecondFactorNeeded(Forbidden):
    """A hat of this person demands a second factor and none is set up."""

    code = "second_factor_needed"
    message = "请先在电脑上的工作台开启动态验证码,再用手机登录"


class AccountClosed(Forbidden):
    """Disabled or cancelled."""

    code = "account_closed"
    message = "这个账号已停用,如有疑问请联系物业管理处"


class PrivacyConsentNeeded(Forbidden):
    """Nothing personal is taken before the present privacy notice was agreed to (domain 5.1-P01)."""

    code = "privacy_consent_needed"
    message = "请先看一看隐私说明并点“同意”,再继续;不同意也可以打电话给物业报修"


class SignInAgain(NotSignedIn):
    """What cannot be undone, or takes everything away at once, needs a sign-in of a moment ago (P15, ASVS 7.5)."""

    code = "sign_in_again"
    message = "为了确认是您本人,请重新登录一次再做这一步"


class NotYourHat(Forbidden):
    """The hat belongs to somebody else or was taken off."""

    code = "not_your_hat"
    message = "不能切换到这个身份,请重新登录后再试"


class WeakPassword(Invalid):
    """Too short, too long, common, or made of what everybody knows about the person."""

    code = "weak_password"
    message = "这个密码太容易被猜到,请换一个"


class WrongOldPassword(Invalid):
    """The present password was not repeated correctly."""

    code = "wrong_old_password"
    message = "原密码不对,请重新输入"


class LoginNameTaken(Conflict):
    """Two people cannot sign in by the same name."""

    code = "login_name_taken"
    message = "这个登录名已被使用,请换一个"


class CredentialExists(Conflict):
    """One person has one way into the console, however many hats."""

    code = "credential_exists"
    message = "这个人已经有登录账号,可以直接用原账号登录后切换身份"


class WrongCode(Invalid):
    """The one-time code does not fit, is too old, or was used before."""

    code = "wrong_code"
    message = "动态验证码不对或已用过,请输入手机上的新验证码"


class SecondFactorSet(WrongState):
    """A confirmed second factor is only replaced after the security administrator has reset it."""

    code = "second_factor_set"
    message = "动态验证码已经开启,如需更换手机请联系安全管理员"


class PhoneTaken(Conflict):
    """The number belongs to another person's account."""

    code = "phone_taken"
    message = "这个手机号已在另一个微信上使用,请换一个手机号或联系物业管理处"


class PhoneNeeded(Invalid):
    """Homes are counted by phone number, so the number comes first (S0-05)."""

    code = "phone_needed"
    message = "请先绑定手机号,再关联住房"


class TooManyHomes(Conflict):
    """S0-05."""

    code = "too_many_homes"
    message = f"一个手机号最多关联{MAX_HOMES}套住房"


class AlreadyBound(Conflict):
    """The home is already bound, or its request still waits."""

    code = "already_bound"
    message = "这套住房您已经关联或正在审核,不用重复提交"


class ProofMismatch(Invalid):
    """Invitation code or register data do not fit; which of them is not said (domain 2.8)."""

    code = "proof_mismatch"
    message = "核对不上,请检查后再试;也可以改为由管理处人工审核"


class HomeUnknown(NotFound):
    """No such home."""

    code = "home_unknown"
    message = "没有找到这套住房,请检查楼号、单元和门牌号"


class BindingUnknown(NotFound):
    """The binding does not exist or is not this person's business."""

    code = "binding_unknown"
    message = "没有找到这条住房关联记录"


class BindingSettled(WrongState):
    """It was decided or ended before."""

    code = "binding_settled"
    message = "这条住房关联已经处理过,请刷新后再看"


class OwnRequest(Forbidden):
    """Nobody decides about himself."""

    code = "own_request"
    message = "不能审核自己的申请,请由同事处理"
