/** Keeps a fault in one page from emptying the screen: it is shown, and the navigation stays usable. */
import { Component } from '../../vendor/preact/preact.js';
import { html } from '../lib/view.js';
import { Problem } from './notice.js';

export class ErrorBoundary extends Component {
  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidCatch(error) {
    console.error(error);
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<${Problem} error=${error} onRetry=${() => this.setState({ error: null })} />`;
  }
}
