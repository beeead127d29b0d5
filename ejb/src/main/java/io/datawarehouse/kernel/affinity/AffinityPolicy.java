package io.datawarehouse.kernel.affinity;

import io.datawarehouse.kernel.affinity.AffinityRules.Rule;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;

/**
 * What is in force: the rules, and the providers that run. Immutable.
 *
 * @param rules which provider for which topic
 * @param providers those that run, in the order in which they started
 */
public record AffinityPolicy(AffinityRules rules, List<AffinityProvider> providers) {

  private static final AffinityPolicy NONE = new AffinityPolicy(AffinityRules.none(), List.of());

  /** Copies. */
  public AffinityPolicy {
    providers = List.copyOf(providers);
  }

  /** Returns the policy under which nothing belongs together. */
  public static AffinityPolicy none() {
    return NONE;
  }

  /** Returns the rule of a topic; its provider need not run. */
  public Optional<Rule> ruleFor(Topic topic) {
    return rules.ruleFor(topic);
  }

  /** Returns the provider of a name, if it runs. */
  public Optional<AffinityProvider> provider(String name) {
    return providers.stream().filter(one -> one.affinityName().equals(name)).findFirst();
  }
}
