/// What the command line asks for.
struct Options {
  static let usage = "usage: step-overhead [--rounds N] [--check]"

  /// How often both sides are timed.
  var rounds = 15
  /// Whether a ratio above the limit makes the program fail.
  var check = false

  /// Nil when the arguments cannot be understood.
  init?(_ arguments: some Sequence<String>) {
    var rest = arguments.makeIterator()
    while let argument = rest.next() {
      switch argument {
      case "--check": check = true
      case "--rounds":
        guard let count = rest.next().flatMap({ Int($0) }), count > 0 else { return nil }
        rounds = count
      default: return nil
      }
    }
  }
}
