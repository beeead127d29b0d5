/**
 * Classes that break a rule, to show that the rule finds them. Stability: internal to the build.
 */
@NullMarked
package io.datawarehouse.testkit.fixtureone;

import org.jspecify.annotations.NullMarked;
