/**
 * The planner: a pure function from desired and actual state to a list of actions, each with a reason.
 */
@NullMarked
package dev.veneer.node.plan;

import org.jspecify.annotations.NullMarked;
