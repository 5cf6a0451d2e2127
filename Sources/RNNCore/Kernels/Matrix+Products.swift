internal import CKernels

/// Products by the whole team.
extension ProductWeights {
  /// C = A·W or C += A·W, divided among the threads: rows; or, where these are few, units, so that
  /// each thread reads its part of the weights.
  func multiply(_ a: Matrix, add: Bool, into c: Matrix, team: ThreadTeam) {
    if team.products == .packed, a.rows < 2 * ProductParts.tileRows * team.shares {
      let isShort = ThreadTeam.isShort(a.rows * inner * gates * width)
      let unitParts = (width + unitGrain - 1) / unitGrain
      let rowParts = (a.rows + ProductParts.tileRows - 1) / ProductParts.tileRows
      if isShort || min(team.shares, unitParts) >= min(team.shares, rowParts) {
        return team.split(width, grain: isShort ? width : unitGrain) {
          multiply(a, units: $0, add: add, into: c)
        }
      }
    }
    team.splitRows(a.rows) { rows in
      multiply(a.rows(rows), add: add, into: c.rows(rows))
    }
  }
}

extension Matrix {
  /// Adds Aᵀ·B to this matrix [m, n], for A [N, m] and B [N, n], and the sums of A's columns to
  /// `sums` [m], unless it is nil; threads divide the rows of this matrix. With packed kernels each
  /// element is the sum over the rows of A and B in the order of `groups`, or without these in
  /// their own; they take some rows at a time, so that A is read from memory once for both.
  func addOuterProducts(
    _ a: Matrix, _ b: Matrix, sums: UnsafeMutablePointer<Float>? = nil,
    in groups: TokenGroups? = nil, team: ThreadTeam
  ) {
    assert(a.rows == b.rows && rows == a.columns && columns == b.columns)
    let groups = groups ?? .one(rows: b.rows)
    team.splitRows(rows) { range in
      let (part, sum) = (a.columns(range), self.rows(range))
      let partSums = sums.map { $0 + range.lowerBound }
      switch team.products {
      case .packed:
        groups.forEachBlock { block in
          sum.addOuterProducts(part.rows(block), b.rows(block))
          if let partSums { part.rows(block).addColumnSums(of: nil, to: partSums) }
        }
      case .openBLAS:
        BLAS.multiply(part, .yes, b, into: sum, beta: 1)
        guard let partSums else { return }
        groups.forEachGroup { part.rows($0).addColumnSums(of: nil, to: partSums) }
      }
    }
  }

  /// Adds Aᵀ·B to this matrix by our kernels, on the calling thread.
  func addOuterProducts(_ a: Matrix, _ b: Matrix) {
    kernels.add_outer_products(
      a.rows, a.pointer, a.stride, a.columns, b.pointer, b.stride, b.columns, pointer, stride,
      CPUInfo.firstCacheBytes)
  }

  /// Asks for some columns of all rows, which a product will read, without waiting for them.
  func fetch(_ columns: Range<Int>) {
    if columns.isEmpty { return }
    rnn_fetch_rows(pointer + columns.lowerBound, rows, columns.count, stride)
  }
}

extension ThreadTeam {
  /// Whether so many multiply-adds are done by one thread before others have joined it: in about a
  /// microsecond.
  static func isShort(_ work: Int) -> Bool { work <= 1 << 16 }

  /// Divides the rows of a product among the threads: anywhere between tiles for our kernels, whose
  /// sums have one order; for OpenBLAS at places that the number of rows alone decides.
  func splitRows(_ total: Int, _ body: (Range<Int>) -> Void) {
    switch products {
    case .packed: split(total, grain: ProductParts.tileRows, body)
    case .openBLAS:
      let parts = ProductParts(ofRows: total)
      split(parts.count) { for index in $0 { body(parts[index]) } }
    }
  }
}

/// Parts of a product that OpenBLAS computes one by one, whoever does which: their borders depend
/// on sizes alone, and so do the bits. Their number is a power of two, which most teams share out
/// evenly.
struct ProductParts {
  let count: Int
  private let total: Int

  /// A multiple of the rows of most tiles.
  static let tileRows = 6
  /// OpenBLAS packs the other side anew in each call: for fewer rows that costs as much as it
  /// gains.
  private static let (fewestRows, fewestSequences) = (48, 16)
  /// So many threads have work.
  private static let most = 16
  /// Weights that stay in a core's cache while one part after the other reads them: of larger ones
  /// a part has twice the sequences.
  private static let cachedWeights = 1 << 18

  /// Divides the rows of one product.
  init(ofRows total: Int) {
    self.init(total, Self.powerOfTwo(upTo: min(Self.most, total / Self.fewestRows)))
  }

  /// Divides the sequences of a time loop whose steps multiply with `weights` numbers each. Two
  /// threads find work from 8 sequences on.
  init(ofSequences total: Int, weights: Int) {
    let fewest = weights > Self.cachedWeights ? 2 * Self.fewestSequences : Self.fewestSequences
    let wanted = max(total / fewest, total >= Self.fewestSequences / 2 ? 2 : 1)
    self.init(total, Self.powerOfTwo(upTo: min(Self.most, wanted)))
  }

  private init(_ total: Int, _ count: Int) { (self.total, self.count) = (total, count) }

  private static func powerOfTwo(upTo limit: Int) -> Int {
    var power = 1
    while 2 * power <= limit { power *= 2 }
    return power
  }

  subscript(index: Int) -> Range<Int> {
    total * index / count..<total * (index + 1) / count
  }
}
