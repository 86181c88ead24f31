/**
 * When to look and how often: passes, what wakes them, and what is remembered between them. What is done never depends
 * on which event fired.
 */
@NullMarked
package dev.veneer.node.loop;

import org.jspecify.annotations.NullMarked;
