/** Users, groups, their passwords and subordinate ids, and login shells: merged by record. */
@NullMarked
package dev.veneer.node.tree.coupled.user;

import org.jspecify.annotations.NullMarked;
