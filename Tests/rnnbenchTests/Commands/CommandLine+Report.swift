import Foundation
import TestSupport
import Testing

extension CommandLine {
  /// A report that a command wrote, after what holds for every one: it is well-formed, opens with
  /// an answer, its contents lead to its sections, its figures are described and nothing stands for
  /// a number that is not known.
  func report(_ name: String, hasAnswer: Bool = true) throws -> String {
    let html = try String(contentsOfFile: path(name), encoding: .utf8)
    let xml = try WellFormedXML(html.replacing("<!DOCTYPE html>\n", with: ""))
    let sections = try #require(xml.attributes["section.id"])
    #expect(sections.count > 1 && xml.attributes["a.href"] == sections.map { "#\($0)" }, "\(name)")
    let answer = html.range(of: #"<div class="answer"><p>"#)?.lowerBound
    let first = try #require(html.range(of: "<section")).lowerBound
    #expect(answer.map { $0 < first } ?? !hasAnswer, "\(name)")
    let figures = html.components(separatedBy: #"role="img""#).dropFirst()
    let described = #/ aria-label="[^"]+" width="[\d.]+" height="[\d.]+"/#
    for figure in figures {
      let match = figure.prefixMatch(of: described)
      #expect(match != nil, "\(figure.prefix(200))")
    }
    #expect(!html.contains("- GFLOP/s") && !html.contains("- tokens/s"), "\(name)")
    return html
  }
}
