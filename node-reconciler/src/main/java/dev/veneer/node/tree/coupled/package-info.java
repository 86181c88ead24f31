/**
 * Files that describe many others or hold many records: package databases, user databases, caches. A small merger for
 * each decides them by record, before paths are decided one by one.
 */
@NullMarked
package dev.veneer.node.tree.coupled;

import org.jspecify.annotations.NullMarked;
