// What TypeScript is to take for granted of the playground's page while it checks the types that comments state: which element
// has which name is said by index.html, and events come from elements.
interface Document { getElementById(id: string): any; querySelector(of: string): any }
interface Element { dataset: DOMStringMap; hidden: boolean; title: string; focus(): void; value: string }
interface EventTarget { closest(of: string): Element | null }
declare function postMessage(message: object, transfer: object[]): void;
