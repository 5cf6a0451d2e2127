/// The cores that this process may use.
