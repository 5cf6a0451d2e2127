/// The version that reports, JSON and the C library name.
package enum Version {
  package static let current = "0.1.0"
}
