"""Money in and out through WeChat: payments, refunds, merchant accounts; nothing of orders or bills."""
