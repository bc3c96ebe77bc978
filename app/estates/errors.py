"""What the space refuses."""

from __future__ import annotations

from app.core.errors import Invalid, NotFound


class EstateUnknown(NotFound):
    """No such estate."""

    code = "estate_unknown"
    message = "没有找到这个小区"


class SpotUnknown(NotFound):
    """The code on the sign is not known: torn, from another district, or mistyped."""

    code = "spot_unknown"
    message = "没有找到这个点位,请重新扫码,或直接选择小区和楼号"


class HomeHidden(NotFound):
    """The home does not exist or belongs to another office."""

    code = "home_unknown"
    message = "没有找到这套住房"


class NotInvitable(Invalid):
    """No such relation to a home."""

    code = "not_invitable"
    message = "请选择被邀请人与住房的关系"
