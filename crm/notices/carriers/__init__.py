"""Ways a message leaves the house; every one is ``send(message) -> Outcome``."""
