import Foundation
import RNNCore

/// A file of random numbers, the same in every run, in rows of 20.
struct NumberFile {
  enum Format { case json, csv }

  enum Digits: String, CaseIterable {
    case all = "as Double prints"
    case six = "6 digits"
    case one = "1 digit"
  }

  let format: Format
  let digits: Digits

  /// Writes a file of at least so many bytes.
  func write(to url: URL, bytes: Int) throws {
    var random = RandomGenerator(seed: 1)
    var text = format == .csv ? (1...20).map { "x\($0)" }.joined(separator: ",") + "\n" : "["
    text.reserveCapacity(bytes + 1000)
    var isFirst = true
    while text.utf8.count < bytes {
      let row = (0..<20).map { _ in number(&random) }.joined(separator: ",")
      switch format {
      case .csv: text += row + "\n"
      case .json: text += (isFirst ? "[" : ",\n[") + row + "]"
      }
      isFirst = false
    }
    if format == .json { text += "]\n" }
    try Data(text.utf8).write(to: url)
  }

  private func number(_ random: inout RandomGenerator) -> String {
    let value = Double(random.normal()) + 0x1p-30 * Double(random.normal())
    return switch digits {
    case .all: "\(value)"
    case .six: "\((value * 1e5).rounded() / 1e5)"
    case .one: "\(Int(abs(value)) % 10)"
    }
  }
}
