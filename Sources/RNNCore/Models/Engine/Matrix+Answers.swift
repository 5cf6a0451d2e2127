/// Where the gradient of a loss enters packed rows [N, output].
extension Matrix {
  /// Whether more than one step of a sequence has a row that is not zero.
  func hasSeveralSteps(_ layout: SequenceLayout) -> Bool {
    (0..<layout.sequenceCount).contains { rank in
      answers(layout, rank).prefix(2).count > 1
    }
  }

  /// The last step of each rank with a row that is not zero; nil where there is none.
  func lastAnswers(_ layout: SequenceLayout) -> [Int?] {
    (0..<layout.sequenceCount).map { answers(layout, $0).first }
  }

  /// The steps of a rank with rows that are not zero, last first.
  private func answers(
    _ layout: SequenceLayout, _ rank: Int
  ) -> LazyFilterSequence<ReversedCollection<Range<Int>>> {
    (0..<layout.lengths[layout.order[rank]]).reversed().lazy.filter { step in
      row(layout.stepOffsets[step] + rank).contains { $0 != 0 }
    }
  }
}
