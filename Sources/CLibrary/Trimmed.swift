extension StringProtocol {
  /// Without the white space at both ends.
  package var trimmed: String {
    // On scalars, because a blank and a combining mark are one Character and no white space.
    let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
    guard let first = unicodeScalars.firstIndex(where: { !isSpace($0) }),
      let last = unicodeScalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[first..<unicodeScalars.index(after: last)])
  }
}
