"""What words and phrases become through each pivot: alignment, the learned table and the linguists' lists."""
