/** The {@code veneer} command: picocli commands around the pipeline. */
@NullMarked
package dev.veneer.node.cli;

import org.jspecify.annotations.NullMarked;
