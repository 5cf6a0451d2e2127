import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a foreign XML parser found in a document, or why it refused it.
public final class WellFormedXML: NSObject, XMLParserDelegate {
  public private(set) var elements: [String] = []
  public private(set) var text = ""

  /// Attribute values of all elements, as `element.attribute`.
  public private(set) var attributes: [String: [String]] = [:]

  public init(_ document: String) throws {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw parser.parserError ?? CocoaError(.fileReadCorruptFile)
    }
  }

  public func count(of element: String) -> Int { elements.count { $0 == element } }

  public func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes values: [String: String]
  ) {
    elements.append(name)
    for (key, value) in values { attributes["\(name).\(key)", default: []].append(value) }
  }

  public func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
