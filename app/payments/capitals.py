"""大写金额: how an amount is written in words on receipts (人民币, 支付结算办法). Pure."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """人民币贰佰捌拾陆元整 for 28600 fen. Raises ValueError below zero and from a thousand billion yuan on."""
    if fen < 0 or fen >= 10**18:
        raise ValueError(fen)
    yuan, rest = divmod(fen, 100)
    tens, ones = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"人民币{words or '零元'}整"
    if tens:
        words += f"{DIGITS[tens]}角"
    elif words:
        words += DIGITS[0]
    return f"人民币{words}{f'{DIGITS[ones]}分' if ones else '整'}"


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        # A zero stands between what is written and what follows with a gap: 壹佰万零壹拾, 壹万零伍佰.
        if words and group and (group < 1000 or groups[place + 1] % 10 == 0 or not groups[place + 1]):
            words += DIGITS[0]
        words += f"{_four(group)}{GROUPS[place]}" if group else ""
    return words


def _four(number: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += f"{DIGITS[0] if gap else ''}{DIGITS[digit]}{UNITS[place]}"
        gap = False
    return words
