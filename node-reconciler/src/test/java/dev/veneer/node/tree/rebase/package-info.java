/** Tests of moving slivers to another base: the verdict table once more, as plainly as possible, judges the engine. */
package dev.veneer.node.tree.rebase;
