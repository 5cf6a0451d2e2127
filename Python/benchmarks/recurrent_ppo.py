"""Recurrent PPO of sb3-contrib on CartPole, with its standard settings.

    python recurrent_ppo.py --seed 1 --steps 5000

Prints seconds of training, and the mean reward of 20 episodes after it.
"""

from __future__ import annotations

import argparse
import time

from sb3_contrib import RecurrentPPO
from stable_baselines3.common.evaluation import evaluate_policy

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--steps", type=int, default=5000)
chosen = parser.parse_args()

model = RecurrentPPO("MlpLstmPolicy", "CartPole-v1", seed=chosen.seed, device="cpu")
started = time.perf_counter()
model.learn(chosen.steps)
print(f"took {time.perf_counter() - started:.2f} s")
reward, _ = evaluate_policy(model, model.get_env(), n_eval_episodes=20, warn=False)
print(f"reward {reward:.1f}")
