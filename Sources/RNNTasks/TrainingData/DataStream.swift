import RNNCore

/// What random numbers are drawn for: each has its own stream, so that none shifts another.
enum DataStream: UInt64 {
  case training = 1
  case validation, test, dropout
}

extension RandomGenerator {
  func stream(_ stream: DataStream) -> RandomGenerator { self.stream(stream.rawValue) }
}
