/// What is done to words before they are looked up.
public struct TextNormalization: Hashable, Sendable {
  /// Whether upper-case letters count as lower-case ones.
  public var lowercase: Bool
  /// Whether each of the digits 0 to 9 counts as the same symbol, written DIGIT: "2nd" becomes
  /// "DIGITnd" and "747" becomes "DIGITDIGITDIGIT" (as in Mesnil et al., 2013). Words alone.
  public var digits: Bool

  /// Changes nothing unless asked to.
  public init(lowercase: Bool = false, digits: Bool = false) {
    self.lowercase = lowercase
    self.digits = digits
  }

  func callAsFunction(_ text: String) -> String {
    let cased = lowercase ? text.lowercased() : text
    guard digits, cased.utf8.contains(where: Self.isDigit) else { return cased }
    var result: [UInt8] = []
    for byte in cased.utf8 {
      if Self.isDigit(byte) { result += Array("DIGIT".utf8) } else { result.append(byte) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
