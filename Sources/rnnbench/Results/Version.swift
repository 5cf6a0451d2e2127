/// The version that reports and JSON name.
enum Version {
  static let current = "0.1.0"
}
