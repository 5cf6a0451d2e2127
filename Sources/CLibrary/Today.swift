/// The day that it is now in UTC, as in 2025-11-23.
package func today() -> String {
  var (now, parts) = (time(nil), tm())
  gmtime_r(&now, &parts)
  func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
}
