"""The register: store, rules, dictionaries and the kinds of messages it answers."""
