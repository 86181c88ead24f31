package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Verdict;

/**
 * What becomes of one path that a merger decided. That a directory is gone holds for all that is in it and that neither
 * another claim nor the sliver's owner wants there. A claim below something that the result has in place of a directory,
 * and a file in the place of a directory, come to nothing.
 *
 * @param path in the tree
 * @param verdict what was found; a settled conflict keeps its kind
 * @param outcome what the path is afterwards
 * @param detail for people, may be empty, such as {@code 3 packages of the sliver, 27 of the new base}
 */
public record Claim(Bytes path, Verdict verdict, Outcome outcome, String detail) {}
