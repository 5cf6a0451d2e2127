/// The options behind a cell's name, joined by `+`: taken one after the other, until none is left.
struct CellOptions {
  private let cell: String
  private var rest: [String]
  private var known: [String] = []

  /// Splits `lstm:peephole+coupled`. Throws `.format` for a colon without options.
  static func split(_ text: String) throws(RNNError) -> (name: String, options: CellOptions) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let options = parts.count > 1 ? parts[1].split(separator: "+").map(String.init) : []
    if parts.count > 1, options.isEmpty {
      throw RNNError(.format, "cell", expected: "options after the colon", found: text.excerpt)
    }
    let name = String(parts[0])
    return (name, CellOptions(cell: name, rest: options))
  }

  private init(cell: String, rest: [String]) { (self.cell, self.rest) = (cell, rest) }

  /// Whether the option is given.
  mutating func takeFlag(_ name: String) -> Bool { takeChoice([name]) != nil }

  /// The last one given of several that exclude each other.
  mutating func takeChoice(_ names: [String]) -> String? {
    known += names
    let given = rest.last { names.contains($0) }
    rest.removeAll { names.contains($0) }
    return given
  }

  /// The last one given of the values of a type that exclude each other.
  mutating func takeChoice<Value: RawRepresentable<String> & CaseIterable>(
    of type: Value.Type
  ) -> Value? {
    takeChoice(Value.allCases.map(\.rawValue)).flatMap(Value.init)
  }

  /// The number of `name=NUMBER`. Throws `.format` for anything but a finite number.
  mutating func takeNumber(_ name: String) throws(RNNError) -> Float? {
    known.append("\(name)=NUMBER")
    var number: Float?
    var others: [String] = []
    for option in rest {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == name else {
        others.append(option)
        continue
      }
      guard let value = Float(parts[1]), value.isFinite else {
        throw RNNError(.format, name, expected: "a number", found: parts[1].excerpt)
      }
      number = value
    }
    rest = others
    return number
  }

  /// Throws `.format` for an option that nobody took, listing those that the cell has.
  func finish() throws(RNNError) {
    guard let option = rest.first else { return }
    let last = known.count > 1 ? " or \(known[known.count - 1])" : known.first ?? "no option"
    let expected = known.dropLast().joined(separator: ", ") + last
    throw RNNError(.format, "option of \(cell)", expected: expected, found: option.excerpt)
  }

  /// A name with the options that are given.
  static func text(_ name: String, _ options: [String?]) -> String {
    let given = options.compactMap { $0 }
    return given.isEmpty ? name : "\(name):\(given.joined(separator: "+"))"
  }

  /// `name=NUMBER`; nil without a number.
  static func text(_ name: String, number: Float?) -> String? {
    // A plus sign, as in 1e+20, would begin another option.
    number.map { "\(name)=" + "\($0)".filter { $0 != "+" } }
  }
}
