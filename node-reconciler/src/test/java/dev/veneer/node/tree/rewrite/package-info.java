/** Tests of rewriting writable stores: random trees and changes, compared by a program of its own. */
package dev.veneer.node.tree.rewrite;
