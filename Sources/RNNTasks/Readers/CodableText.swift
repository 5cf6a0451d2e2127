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
  /// Reads ``Swift/Encodable/jsonLine``; throws ``RNNError/Kind/format``, with line and byte of
  /// what is no JSON and the name of a member that is missing or of another type.
  ///
  /// - Parameters:
  ///   - name: what complaints call the text.
  ///   - expected: what it should have been.
  package init(jsonLine: String, name: String, expected: String) throws(RNNError) {
    let value = try JSONText(parsing: Array(jsonLine.utf8), name: name)
    do {
      self = try Self(from: JSONTextDecoder(value: value))
    } catch let error as RNNError {
      let place = error.argument.isEmpty ? name : "\(name): \(error.argument)"
      throw RNNError(error.kind, place, expected: error.expected, found: error.found)
    } catch {
      // Thrown by types themselves, for texts and numbers that are none of theirs.
      let path = (error as? DecodingError)?.path ?? ""
      throw RNNError(
        .format, path.isEmpty ? name : "\(name): \(path)", expected: expected,
        found: "a value that is none of it")
    }
  }
}

extension DecodingError {
  fileprivate var path: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.place
    @unknown default: ""
    }
  }
}
