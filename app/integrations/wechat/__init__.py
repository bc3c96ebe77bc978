"""The mini-program's side of WeChat: login, phone number, messages, content check, QR codes, message push.

Built on wechatpy 1.8.18, whose known defects are countered here; tests/integrations/wechat/test_defects_of_wechatpy.py
names each one with what it would do. Nothing outside this package imports wechatpy.

D1 endless retry on a refused token, D2 no time-outs, D3 login depends on the token call, D4 every thread fetches a
token, D5 every process keeps its own, D8 signatures compared in variable time, D10 uncaught errors on hostile XML,
D11 entities and DTDs, D19 secrets in debug logs.
"""
