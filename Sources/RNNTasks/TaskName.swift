/// The tasks that can be asked for by name.
public enum TaskName: String, CaseIterable, Sendable {
  case slots, adding
  case temporalOrder = "temporal-order"
  case copy
  case spelledDigits = "spelled-digits"
  case chars, tagging
}
