"""The inbox, WeChat consents as stock, delivery."""
