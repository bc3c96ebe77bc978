"""Invented names: a surname and a given name drawn apart, so that they mean nobody."""

from __future__ import annotations

from random import Random

DEMO_PHONES = range(19900000001, 19900001000)
"""The only numbers of the demonstration (domain 4); no SMS is ever sent to them."""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"  # noqa: E501
_FIRST = "秀桂玉淑建国志文永海春晓立德宝金兰福长庆红丽雅思子振光新世连凤"
_SECOND = "英兰珍芳华明平军强生林霞云山江梅香芬荣贵成顺利宁涛敏杰琴娟民安田"


class Names:
    """Different names, in an order that the dice decide."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._given_out: set[str] = set()

    def next(self, surname: str | None = None) -> str:
        """A name that nobody else here has; with the wished surname."""
        while True:
            name = (
                (surname or self._dice.choice(SURNAMES))
                + self._dice.choice(_FIRST)
                + self._dice.choice(_SECOND)
            )
            if name not in self._given_out and name[1] != name[2]:
                self._given_out.add(name)
                return name

    def surnames(self, count: int) -> list[str]:
        """Different surnames, for the workers of one office: residents know them as 李师傅."""
        return self._dice.sample(SURNAMES, count)


def demo_phone(number: int) -> str:
    """The nth number of the demonstration; raises IndexError outside 1..999."""
    if number < 1:
        raise IndexError(number)
    return str(DEMO_PHONES[number - 1])
