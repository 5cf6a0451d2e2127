import RNNCore
import RNNReport

/// Compares what a run would need with what the process may have, before anything of it is taken.
///
/// A run that needs too much is refused by the settings that would make it small enough, each alone
/// and each with the largest value that does.
package struct MemoryCheck<Root> {
  /// A number that the need grows with.
  package struct Lever {
    /// As it is typed, such as `--batch`.
    var option: String
    /// Nil where it is left open.
    var value: (Root) -> Int?
    /// The same settings with another number.
    var setting: (Int, Root) throws -> Root

    package init(
      _ option: String, value: @escaping (Root) -> Int?,
      setting: @escaping (Int, Root) throws -> Root
    ) {
      (self.option, self.value, self.setting) = (option, value, setting)
    }

    package init(_ option: String, _ path: WritableKeyPath<Root, Int>) {
      self.init(option) {
        $0[keyPath: path]
      } setting: {
        var root = $1
        root[keyPath: path] = $0
        return root
      }
    }
  }

  private let levers: [Lever]
  private let need: (Root) throws -> MemoryNeed

  /// - Parameters:
  ///   - levers: what the need grows with.
  ///   - need: of a run with such settings; throws for settings that no run can have.
  package init(_ levers: [Lever], need: @escaping (Root) throws -> MemoryNeed) {
    (self.levers, self.need) = (levers, need)
  }

  /// Throws ``RNNError/Kind/memory`` for a run that does not fit.
  package func check(_ root: Root, within limit: MemoryLimit = .current()) throws {
    let found = try reckoned(root)
    guard !found.fits(limit, isWholeRun: true) else { return }
    var helpful: [Help] = []
    for lever in levers {
      guard let value = lever.value(root), let most = largest(lever, root, below: value, limit)
      else { continue }
      helpful.append(Help(option: lever.option, value: value, most: most))
    }
    helpful.sort { $0.excess > $1.excess }
    guard let best = helpful.first else {
      let names = levers.filter { ($0.value(root) ?? 0) > 1 }.map(\.option)
      throw RNNError(
        .memory, names.joined(separator: ", "),
        expected: "smaller ones together, for a run within \(limit)",
        found: found.description)
    }
    let others = helpful.dropFirst().map { ", or \($0.option) at most \($0.most)" }.joined()
    throw RNNError(
      .memory, best.option,
      expected: "at most \(best.most)\(others), for a run within \(limit)",
      found: "\(best.value), which takes \(found)")
  }

  /// The need; without bounds for a model that is larger than any memory.
  private func reckoned(_ root: Root) throws -> MemoryNeed {
    do { return try need(root) } catch let error as RNNError where error.kind == .memory {
      var need = MemoryNeed()
      need.add("parameters", bytes: .max)
      return need
    }
  }

  /// An option that alone would make the run small enough.
  private struct Help {
    var option: String
    var value: Int
    /// The largest value that does.
    var most: Int

    var excess: Double { Double(value) / Double(most) }
  }

  /// The largest number, to a hundredth, with which the run fits; nil where none does.
  private func largest(_ lever: Lever, _ root: Root, below value: Int, _ limit: MemoryLimit) -> Int?
  {
    func fits(_ number: Int) -> Bool {
      (try? reckoned(lever.setting(number, root)).fits(limit, isWholeRun: true)) ?? false
    }
    var (low, high) = (value / 2, value)
    while low >= 1, !fits(low) { (low, high) = (low / 2, low) }
    guard low >= 1 else { return nil }
    while high - low > max(1, low / 100) {
      let middle = low + (high - low) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }
}

extension MemoryCheck where Root: SettingRoot {
  /// The levers of a command's settings that are numbers, or lengths as `LO-HI`, and of use.
  ///
  /// - Parameters:
  ///   - settings: of the command.
  ///   - root: as they stand.
  ///   - open: what those come to that are left open, by name.
  ///   - need: of a run with such settings.
  package init(
    _ settings: [Setting<Root>], of root: Root, open: [String: Int] = [:],
    need: @escaping (Root) throws -> MemoryNeed
  ) {
    let names: Set = [
      "hidden", "embedding", "layers", "window", "batch", "length", "lengths", "steps", "pairs",
      "most-steps", "chunk", "beam",
    ]
    let levers = settings.used(in: root).filter { names.contains($0.name) }.map { setting in
      Lever(setting.option) {
        setting.text(in: $0).flatMap { Int($0.split(separator: "-").last ?? "") }
          ?? open[setting.name]
      } setting: { number, root in
        var changed = root
        let low = setting.text(in: root).flatMap { Int($0.split(separator: "-").first ?? "") }
        let isRange = setting.text(in: root)?.contains("-") ?? false
        try setting.put(
          isRange ? "\(min(low ?? number, number))-\(number)" : "\(number)", into: &changed)
        return changed
      }
    }
    self.init(levers, need: need)
  }
}
