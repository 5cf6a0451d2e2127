import FoundationEssentials
import RNNCore

extension Encodable {
  /// As JSON on one line, members in order of name; numbers that JSON does not know as texts.
  package var jsonLine: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      preconditionFailure("numbers and texts can always be written: \(error)")
    }
  }
}

extension Decodable {
  /// Reads ``Swift/Encodable/jsonLine``; throws ``RNNError/Kind/format``.
  ///
  /// - Parameters:
  ///   - name: what complaints call the text.
  ///   - expected: what it should have been.
  package init(jsonLine: String, name: String, expected: String) throws(RNNError) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      self = try decoder.decode(Self.self, from: Data(jsonLine.utf8))
    } catch {
      throw RNNError(.format, name, expected: expected, found: "text that is none")
    }
  }
}
