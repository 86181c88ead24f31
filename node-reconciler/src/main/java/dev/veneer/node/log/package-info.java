/**
 * The log: an SLF4J provider of its own, because the usual ones cost a command more time to start than its work takes.
 *
 * <p>One line an event, as text or as JSON, with the key-value pairs of SLF4J's fluent interface:
 *
 * <pre>{@code
 * log.atInfo().addKeyValue("sliver", id).addKeyValue("ms", millis).log("mounted");
 * }</pre>
 */
@NullMarked
package dev.veneer.node.log;

import org.jspecify.annotations.NullMarked;
