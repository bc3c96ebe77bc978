"""Neighbouring systems, each behind a small Protocol: WeChat, photo storage, hotline, SMS."""
