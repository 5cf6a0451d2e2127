/// The version that reports and JSON name.
package enum Version {
  package static let current = "0.1.0"
}
