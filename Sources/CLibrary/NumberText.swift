extension Double {
  /// Rounded to a fixed number of decimals, as `%.2f` of C prints it.
  package func fixed(decimals: Int) -> String { printed("%.*f", decimals) }

  /// One digit before the point and `decimals` behind it, as `%.2e` of C prints it: `1.23e-07`.
  package func scientific(decimals: Int) -> String { printed("%.*e", decimals) }

  /// Two significant digits, as a person would write them.
  package var short: String {
    if self == 0 || !isFinite { return "\(self == 0 ? "0" : "∞")" }
    if abs(self) >= 1e5 || abs(self) < 1e-3 { return scientific(decimals: 1) }
    let digits = Int(log10(abs(self)).rounded(.down))
    return fixed(decimals: Swift.max(0, 1 - digits))
  }

  /// Two significant digits, with U+2212 as the sign of negative numbers.
  package var signedShort: String { (self < 0 ? "−" : "") + abs(self).short }

  private func printed(_ format: String, _ decimals: Int) -> String {
    let arguments: [any CVarArg] = [Int32(decimals), self]
    let count = withVaList(arguments) { Int(vsnprintf(nil, 0, format, $0)) }
    let bytes = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, used in
      buffer.withMemoryRebound(to: CChar.self) { text in
        used = withVaList(arguments) { Int(vsnprintf(text.baseAddress, text.count, format, $0)) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
