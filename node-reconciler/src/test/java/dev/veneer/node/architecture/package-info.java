/** Tests of the shape of the code: the arrows between packages, and the rules of the house that a compiler misses. */
package dev.veneer.node.architecture;
