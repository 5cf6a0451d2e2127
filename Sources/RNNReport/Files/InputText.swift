/// A text that is read from a file or, for `-`, from what is left of standard input.
package enum InputText {
  /// What complaints call it.
  package static func name(_ path: String) -> String {
    path == "-" ? "standard input" : path.printable
  }
}
