extension GradientProfile {
  /// The ways by which the gradient comes from the answers of a ``VisualQuestionModel`` to its question and to its
  /// image.
  ///
  /// The state q of a question is read three times: by the layer before the answer, in the product c ⊙ q, and as
  /// the query of attention. The gradient of q is the sum of the three, so that their norms do not add up.
  public struct QuestionPaths: Sendable, Hashable {
    /// ‖dE/dq‖ through the layer before the answer alone, over all questions.
    public var state: Double
    /// ‖dE/dq‖ through c ⊙ q alone; nil without an image.
    public var product: Double?
    /// ‖dE/dq‖ through the scores of attention alone; nil without an image.
    public var scores: Double?
    /// Nil without an image.
    public var image: ImagePath?
  }

  /// What of the gradient reaches the regions of the images, and where attention looks.
  public struct ImagePath: Sendable, Hashable {
    /// ‖dE/dr_j‖ of each region, row by row, over the images of the batch.
    public var regions: [Double]
    /// Where attention looks, over all questions.
    public var focus: AttentionFocus

    /// ‖dE/dr‖ of all regions.
    public var norm: Double { regions.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }
}

extension GradientProfile.QuestionPaths {
  /// - Parameters:
  ///   - gradient: dE/dq of all ways together, [N, H].
  ///   - product: what of it came through c ⊙ q; nil without an image.
  ///   - scores: what of it came through the scores; nil without an image.
  ///   - image: what reached the regions.
  init(
    of gradient: Matrix, product: (slope: Matrix, contexts: Matrix)?, scores: Matrix?,
    image: GradientProfile.ImagePath?
  ) {
    var squares = (state: 0.0, product: 0.0, scores: 0.0)
    for row in 0..<gradient.rows {
      for column in 0..<gradient.columns {
        let through = product.map {
          Double($0.slope.row(row)[column]) * Double($0.contexts.row(row)[column])
        }
        let asked = scores.map { Double($0.row(row)[column]) }
        let rest = Double(gradient.row(row)[column]) - (through ?? 0) - (asked ?? 0)
        squares.state += rest * rest
        squares.product += (through ?? 0) * (through ?? 0)
        squares.scores += (asked ?? 0) * (asked ?? 0)
      }
    }
    state = squares.state.squareRoot()
    self.product = product == nil ? nil : squares.product.squareRoot()
    self.scores = scores == nil ? nil : squares.scores.squareRoot()
    self.image = image
  }
}
