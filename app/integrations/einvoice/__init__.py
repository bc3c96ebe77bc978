"""The service that writes electronic invoices for the property companies."""
