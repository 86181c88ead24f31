/**
 * Where desired state comes from: reading what is declared, and the rules of what absence and errors mean.
 *
 * <p>{@link dev.veneer.node.desired.FileSource} reads; {@link dev.veneer.node.desired.SourceRules}, a pure function, decides
 * from what was read and what the store knows which version of each object is in force and what may be deleted. Nothing
 * here writes: the last good version of an object is the one in its record in the store.
 */
@NullMarked
package dev.veneer.node.desired;

import org.jspecify.annotations.NullMarked;
