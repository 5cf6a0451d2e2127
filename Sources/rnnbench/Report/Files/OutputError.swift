/// Why a file cannot be written, in one line.
struct OutputError: Error, Equatable, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "cannot write \(path.printable): \(reason)" }
}
