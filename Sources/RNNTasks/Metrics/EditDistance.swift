/// The fewest insertions, deletions and replacements of an element that make one sequence of
/// another (Levenshtein 1966). Costs the product of their lengths.
public func editDistance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
  // The distances of the beginnings of `second` to that part of `first` which was gone through.
  var row = Array(0...second.count)
  for (index, element) in first.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (place, other) in second.enumerated() {
      let replaced = diagonal + (element == other ? 0 : 1)
      diagonal = row[place + 1]
      row[place + 1] = min(replaced, diagonal + 1, row[place] + 1)
    }
  }
  return row[second.count]
}
