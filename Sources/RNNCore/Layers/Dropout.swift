extension Matrix {
  /// Fills with inverted dropout: 0 with probability `rate`, else 1 / (1 − rate) (Srivastava 2014).
  func fillDropout(rate: Float, using generator: inout RandomGenerator) {
    let kept = 1 / (1 - rate)
    for index in 0..<rows {
      let row = self.row(index)
      for column in 0..<columns { row[column] = generator.uniform() < rate ? 0 : kept }
    }
  }
}
