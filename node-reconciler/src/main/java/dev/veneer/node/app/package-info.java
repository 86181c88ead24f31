/**
 * The commands' work: wires the pipeline's parts together for each command. Nothing here decides what is done to an
 * object, and nothing touches the disk but through the parts.
 */
@NullMarked
package dev.veneer.node.app;

import org.jspecify.annotations.NullMarked;
